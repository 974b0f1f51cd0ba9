const LONGEST_MS = 86_400_000;
// The three forms of a date in HTTP. `Date.parse` alone takes "1.5" for the fifth of January.
const DATE = /^[A-Z][a-z]{2,8},? /;

/**
 * The wait that a `Retry-After` header asks for, in milliseconds: given in seconds or as a date, a day at most.
 * `undefined` if there is none to be understood.
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
