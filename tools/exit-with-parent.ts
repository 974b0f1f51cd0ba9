/**
 * Preload (`--import`) for the processes of the local stack: none outlives the process that started it.
 *
 * The IPC channel closes when the parent is gone, however it died. Then, and on SIGTERM, the process gets the message
 * "shutdown", which is also what a living parent sends: Azurite closes and saves on it, and so do our own.
 */
const GRACE_MS = 3_000;

function shutDown(): void {
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  const heard = process.emit("message", "shutdown", undefined);
  if (!heard) process.exit(1);
}

// A process that forks hands its own flags down. This one is for whom it was given only.
const flag = process.execArgv.indexOf(import.meta.url);
if (flag > 0) process.execArgv.splice(flag - 1, 2);

if (process.channel !== undefined) {
  process.once("disconnect", shutDown);
  process.once("SIGTERM", shutDown);
  // The listener above must not keep a process alive that has nothing else to do.
  process.channel.unref();
  if (!process.connected) shutDown();
}
