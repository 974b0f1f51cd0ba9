import { within } from "./within.ts";

/** Something that is asked for before anybody needs it. */
export interface AskedAhead {
  ask(): void;
  /** Resolves, never rejects, when the asking is over, well or not; at once where there is none. */
  over(): Promise<void>;
}

/**
 * Asks for something while the app starts, so that the first request finds it there. A failure changes nothing: who
 * waited for it asks again for itself, and has most of its own time left, for this takes a fifth of it at most.
 *
 * @param timeoutMs - the time of one who asks for itself
 */
export function askedAhead(ask: (signal: AbortSignal) => Promise<unknown>, timeoutMs: number): AskedAhead {
  let asking = Promise.resolve();
  const nothing = () => {};
  return {
    ask: () => {
      asking = within(timeoutMs / 5, ask).then(nothing, nothing);
    },
    over: () => asking,
  };
}
