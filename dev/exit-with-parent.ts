/**
 * A preload (`--import`) for processes of the local stack: none outlives the process that started it.
 *
 * The IPC channel closes when the parent exits, even if it crashes. On that, and on SIGTERM, the process
 * receives the message "shutdown", which a running parent also sends. Azurite saves its data on it.
 */
const GRACE_MS = 3_000;

// A forked process inherits these flags; this one is for this process only.
const flag = process.execArgv.indexOf(import.meta.url);
if (flag > 0) process.execArgv.splice(flag - 1, 2);

if (process.channel !== undefined) {
  process.on("message", (message) => {
    if (message !== "shutdown") return;
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    // No other listener: there is nothing to clean up.
    if (process.listenerCount("message") === 1) process.exit(1);
  });
  const shutDown = () => process.emit("message", "shutdown", undefined);
  process.once("disconnect", shutDown);
  process.once("SIGTERM", shutDown);
  // These listeners must not keep the process alive.
  process.channel.unref();
  if (!process.connected) shutDown();
}
