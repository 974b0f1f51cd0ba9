/** Ctrl-C arrives twice when npm passes it on as well; only a later one is a second Ctrl-C. */
const SAME_SIGNAL_MS = 500;
/** Nothing may take longer to stop; what is left then ends by itself with this process. */
const STOP_MS = 4_000;

/**
 * Stops the process in order when it is told to, by Ctrl-C, SIGTERM, or the end of its parent.
 * @param stop ends everything; the process exits with 0 after it, and at once on a second Ctrl-C
 */
export function onStopSignal(stop: () => Promise<void>): void {
  let first: number | undefined;
  const stopOnce = () => {
    if (first !== undefined) {
      if (performance.now() - first > SAME_SIGNAL_MS) process.exit(130);
      return;
    }
    first = performance.now();
    console.log("\nStopping …");
    setTimeout(() => process.exit(1), STOP_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stopOnce);
  // From exit-with-parent.ts: the process that started this one is gone.
  process.on("message", stopOnce);
}
