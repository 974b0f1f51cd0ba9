/**
 * Preload (`--import`) for the processes of the local stack: none outlives the process that started it.
 *
 * The IPC channel closes when the parent is gone, however it died. Then, and on SIGTERM, the process gets the message
 * "shutdown", which is also what a living parent sends: Azurite closes and saves on it, and so do our own.
 */
const GRACE_MS = 3_000;

// A process that forks hands its own flags down. This one is for whom it was given only.
const flag = process.execArgv.indexOf(import.meta.url);
if (flag > 0) process.execArgv.splice(flag - 1, 2);

if (process.channel !== undefined) {
  process.on("message", (message) => {
    if (message !== "shutdown") return;
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    // Nobody else listens: not yet, or this process has nothing to put in order.
    if (process.listenerCount("message") === 1) process.exit(1);
  });
  const shutDown = () => process.emit("message", "shutdown", undefined);
  process.once("disconnect", shutDown);
  process.once("SIGTERM", shutDown);
  // The listeners above must not keep a process alive that has nothing else to do.
  process.channel.unref();
  if (!process.connected) shutDown();
}
