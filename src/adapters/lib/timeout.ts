/**
 * Rejects after `timeoutMs` milliseconds and aborts the operation's signal. The race enforces the limit,
 * because SDKs ignore the signal in places, most of all between retries.
 */
export async function withTimeout<T>(
  timeoutMs: number,
  operation: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // Called before the timer starts, so that an inner timeout with the same limit fires first: its error has
  // more detail.
  const outcome = operation(controller.signal);
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`No response within ${timeoutMs} ms`);
      reject(error);
      controller.abort(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([outcome, timeIsOver]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for `promise` until `deadline` on the clock of `performance.now()`, then resolves to `undefined`. If
 * `promise` has the same deadline, its own error, which has more detail, comes first.
 */
export async function waitUntil<T>(deadline: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, Math.ceil(deadline - performance.now())) + 1, undefined);
  });
  try {
    return await Promise.race([promise, timeIsOver]);
  } finally {
    clearTimeout(timer);
  }
}
