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
