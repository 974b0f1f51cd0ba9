/** The exit codes of every command, for scripts. */
export const exitCodes = { yes: 0, no: 1, error: 2 } as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
