/** The newest sessions that a rehearsal looks at: so many are a hundred pages of the table. */
export const MAX_REHEARSED_SESSIONS = 100_000;
