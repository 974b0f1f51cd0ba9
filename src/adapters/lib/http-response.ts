/** Thrown by {@link textOf} for a response that is too large. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
}

/**
 * Reads a response as text, up to `maxBytes`.
 *
 * @throws TooLargeError if the response is larger
 */
export async function textOf(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TooLargeError(`The response has more than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Parses JSON; `undefined` if it is malformed. The parser's error quotes the input, which must not be logged. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const LONGEST_MS = 86_400_000;
// Matches the three date formats of HTTP. `Date.parse` alone would read "1.5" as January 5.
const DATE = /^[A-Z][a-z]{2,8},? /;

/**
 * Parses a `Retry-After` header, in seconds or as a date, to milliseconds; one day at most. Returns
 * `undefined` if it is missing or malformed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header)
    ? Number(header) * 1_000
    : DATE.test(header)
      ? Date.parse(header) - now.getTime()
      : NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST_MS);
}
