/** A value that is fetched before it is needed. */
export interface Prefetch<T> {
  start(): void;
  /**
   * Resolves to the prefetched value while the prefetch is in progress. If the prefetch fails or is slow,
   * also calls `own`, and the first result wins. If no prefetch is in progress, only calls `own`.
   */
  orFetch(own: () => Promise<T>): Promise<T>;
}

/**
 * Fetches a value while the app starts, so that the first request need not wait for it. A failed or slow
 * prefetch never changes a result: after a failure, or after a fifth of the time limit, the caller fetches
 * the value itself.
 *
 * @param timeoutMs - the time limit of one fetch
 */
export function createPrefetch<T>(fetch: () => Promise<T>, timeoutMs: number): Prefetch<T> {
  let prefetched: Promise<T> | undefined;
  return {
    start: () => {
      prefetched = fetch().finally(() => {
        prefetched = undefined;
      });
      prefetched.catch(() => {});
    },
    orFetch: async (own) => {
      if (prefetched === undefined) return await own();
      let ownResult: Promise<T> | undefined;
      const fetchToo = () => {
        ownResult ??= own();
        return ownResult;
      };
      let timer: NodeJS.Timeout | undefined;
      const whenSlow = new Promise<T>((resolve) => {
        timer = setTimeout(() => resolve(fetchToo()), timeoutMs / 5);
      });
      try {
        return await Promise.race([prefetched.catch(fetchToo), whenSlow]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
