/** The maximum number of sessions that a rehearsal reads: a hundred pages of the table. */
export const MAX_REHEARSED_SESSIONS = 100_000;
