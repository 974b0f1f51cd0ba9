/**
 * Creates a value on first use and shares it from then on. A failed attempt is repeated on the next use.
 *
 * Used to load SDKs on demand: each costs tens of milliseconds, and a cold start should pay only for what its
 * first request needs.
 */
export function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let making: Promise<T> | undefined;
  return () => {
    making ??= make().catch((error: unknown) => {
      making = undefined;
      throw error;
    });
    return making;
  };
}
