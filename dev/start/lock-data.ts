import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const SILENT_MS = 1_000;

/**
 * Locks a data folder for this process: two Azurites on one folder lose data.
 *
 * The lock is a local socket that reports who holds it. Unlike a file with a process id, it can't outlive its
 * process, and another process with the same id can't be mistaken for the holder.
 *
 * @returns the lock; dispose it to release it
 * @throws with the id of the process that holds it
 */
export async function lockData(directory: string): Promise<AsyncDisposable> {
  if ((await mkdir(directory, { recursive: true })) !== undefined) {
    // A folder of its own inside a repository is nothing to commit: it has keys.
    await writeFile(join(directory, ".gitignore"), "*\n");
  }
  // A folder can have several paths.
  const folder = await realpath(directory);
  const name = `lkps-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
  const { path, file } = addressOf(name);
  for (;;) {
    const server = createServer((socket) => socket.on("error", () => {}).end(String(process.pid)));
    try {
      await once(server.listen(path), "listening");
      return server.unref();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
    const holder = await readHolder(path);
    if (holder !== null) {
      throw new Error(
        `LKPS is already running with the data in ${directory} (process ${holder}). Stop it, or use a different folder and different ports: npm start -- --data DIR --port N …`,
      );
    }
    // Its process was killed.
    if (file !== null) await rm(file, { force: true });
  }
}

/** The socket's address, and the file that a killed process leaves behind; null if the system removes it. */
function addressOf(name: string): { path: string; file: string | null } {
  if (process.platform === "win32") return { path: `\\\\.\\pipe\\${name}`, file: null };
  // Without a file, there is none that two processes could replace at the same moment.
  if (process.platform === "linux") return { path: `\0${name}`, file: null };
  const path = join(tmpdir(), `${name}.sock`);
  return { path, file: path };
}

/** The id of the process that holds the lock; null if nobody does. */
async function readHolder(path: string): Promise<string | null> {
  const socket = connect(path);
  socket.setTimeout(SILENT_MS, () => socket.destroy());
  try {
    return await text(socket);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return ["ECONNREFUSED", "ENOENT"].includes(code) ? null : "unknown";
  }
}
