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

/** Some methods of a value that is created when one of them is called first. */
export function lazyMethods<
  const T extends { readonly [Name in Names]: (...args: never[]) => Promise<unknown> },
  const Names extends keyof T & string,
>(load: () => Promise<T>, ...names: readonly Names[]): Pick<T, Names> {
  type Methods = Record<Names, (...args: unknown[]) => Promise<unknown>>;
  const methods = names.map((name) => {
    const call = async (...args: unknown[]) => ((await load()) as unknown as Methods)[name](...args);
    return [name, call] as const;
  });
  return Object.fromEntries(methods) as unknown as Pick<T, Names>;
}
