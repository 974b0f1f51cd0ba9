const LONGEST_MS = 86_400_000;
// Matches the three date formats of HTTP. `Date.parse` alone would read "1.5" as January 5.
const DATE = /^[A-Z][a-z]{2,8},? /;

/**
 * Parses a `Retry-After` header, in seconds or as a date, to milliseconds; one day at most. Returns
 * `undefined` if it is missing or malformed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header)
    ? Number(header) * 1_000
    : DATE.test(header)
      ? Date.parse(header) - now
      : NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST_MS);
}
