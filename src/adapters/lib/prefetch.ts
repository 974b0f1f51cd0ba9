/** Something that is asked for before anybody needs it. */
export interface Prefetch<T> {
  start(): void;
  /**
   * What was asked ahead, while that is on its way; and what `own` answers where it fails, or where it is slow and `own`
   * is quicker. Without anything asked ahead, `own` and nothing else.
   */
  orFetch(own: () => Promise<T>): Promise<T>;
}

/**
 * Asks for something while the app starts, so that the first request finds it there. That changes no answer: whoever
 * needs it meanwhile asks for it too where the asking ahead fails, or has not answered in a fifth of the time.
 *
 * @param timeoutMs - the time of one who asks
 */
export function createPrefetch<T>(ask: () => Promise<T>, timeoutMs: number): Prefetch<T> {
  let asked: Promise<T> | undefined;
  return {
    start: () => {
      asked = ask().finally(() => {
        asked = undefined;
      });
      asked.catch(() => {});
    },
    orFetch: async (own) => {
      if (asked === undefined) return await own();
      let mine: Promise<T> | undefined;
      const askToo = () => {
        mine ??= own();
        return mine;
      };
      let timer: NodeJS.Timeout | undefined;
      const whenSlow = new Promise<T>((resolve) => {
        timer = setTimeout(() => resolve(askToo()), timeoutMs / 5);
      });
      try {
        return await Promise.race([asked.catch(askToo), whenSlow]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
