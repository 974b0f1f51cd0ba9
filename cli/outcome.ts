/** How a command ends, for scripts: the process's exit code. */
export const exitCodes = { yes: 0, no: 1, couldNotTell: 2 } as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * Thrown where a command cannot give its answer: no network, no sign-in, no permission, an id that is none. The
 * message is for whoever typed the command, says what to do, and holds no secret.
 */
export class CouldNotTell extends Error {
  override readonly name = "CouldNotTell";
  /** Stable, for `--json`. */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
