/**
 * Runs `operation` for at most `timeoutMs` milliseconds: then it rejects, whatever the operation still does, and the
 * operation's signal is aborted so that it lets go of its connections. The race is what holds the budget; SDKs do
 * not heed a signal everywhere, between retries least of all.
 */
export async function withTimeout<T>(
  timeoutMs: number,
  operation: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // Before the clock below starts: one inside with the same budget has its say first, and knows more of the cause.
  const outcome = operation(controller.signal);
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`No answer within ${timeoutMs} ms`);
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
 * Waits for `promise` until `deadline`, on the clock of `performance.now()`; then it answers `undefined`. Where `promise`
 * has the same deadline its own failure, which knows more of the cause, comes first.
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
