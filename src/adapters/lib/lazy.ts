/** What is made at its first use, by work that takes time, and shared from then on. */
export interface Later<T> {
  /** Makes it, or waits for it; work that failed is done again. */
  (): Promise<T>;
  /** It, once it is there. */
  made: T | undefined;
}

/** {@link Later} by `make`. */
export function later<T>(make: () => Promise<T>): Later<T> {
  let making: Promise<T> | undefined;
  const get: Later<T> = () => {
    making ??= make().then(
      (made) => {
        get.made = made;
        return made;
      },
      (error: unknown) => {
        making = undefined;
        throw error;
      },
    );
    return making;
  };
  get.made = undefined;
  return get;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the methods take, they are handed it
type Method = (...args: any[]) => Promise<unknown>;

/**
 * A port whose adapter is loaded when a method is first called. An SDK costs tens of milliseconds to load, and a start
 * of the app should pay for none that its first request does not need.
 *
 * Once the adapter is there a call goes straight to it: of two time budgets, one around the other, the inner one's clock
 * must start first.
 */
export function portOf<T, Port extends { readonly [Name in keyof Port]: Method }>(
  adapter: Later<T>,
  port: (adapter: T) => Port,
): Port {
  const call =
    (name: keyof Port): Method =>
    (...args) =>
      adapter.made === undefined
        ? adapter().then((made) => port(made)[name](...args))
        : port(adapter.made)[name](...args);
  // A promise that is resolved with a port must not take it for another promise.
  return new Proxy({} as Port, {
    get: (_, name) => (name === "then" ? undefined : call(name as keyof Port)),
  });
}
