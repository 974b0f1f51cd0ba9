/**
 * Makes a value when it is first asked for, and shares it from then on; work that failed is done again. So no SDK is
 * loaded with the app: each costs tens of milliseconds, and a start of the app should pay for none that its first request
 * does not need.
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
