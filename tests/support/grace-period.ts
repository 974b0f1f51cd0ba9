/**
 * How long an answer may take beyond the time limit, in milliseconds. Generous on purpose: a busy machine must
 * not fail a test, and if a limit does not work, the wait is far longer (the SDKs' own limits) or endless.
 * Exact times are tested with a fake clock.
 */
export const GRACE_MS = 5_000;
