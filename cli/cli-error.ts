/**
 * Thrown when a command cannot answer: no network, no sign-in, no permission, or an invalid value. The message is
 * printed: it says what to do, and holds no secret.
 */
export class CliError extends Error {
  override readonly name = "CliError";
  /** Stable, for `--json`. */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Why a request failed: the innermost cause, shortened. */
export function errorReason(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  if (!(innermost instanceof Error)) return "the connection was lost";
  if (innermost.name === "TimeoutError") return "the request timed out";
  const { code } = innermost as Error & { readonly code?: string };
  return (innermost.message || code || innermost.name).slice(0, 200);
}
