/** npm also forwards Ctrl-C. Only a later one is a second Ctrl-C. */
const SAME_SIGNAL_MS = 500;
/** The time limit for stopping; what is left ends with this process. */
const STOP_MS = 4_000;

/**
 * Stops the process gracefully on Ctrl-C, on SIGTERM, or when its parent exits.
 *
 * @param stop - stops everything; then the process exits with 0. A second Ctrl-C exits at once
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
  // From exit-with-parent.ts: the parent has exited.
  process.on("message", stopOnce);
}
