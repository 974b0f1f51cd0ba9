/** The time of the stand-in. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs something later. */
  after(ms: number, work: () => unknown): void;
}

/** The real time. What waits keeps no process alive. */
export const systemClock: Clock = {
  now: Date.now,
  after: (ms, work) => void setTimeout(work, ms).unref(),
};
