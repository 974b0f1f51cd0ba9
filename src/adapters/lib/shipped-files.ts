import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Creates a reader for the files of `directory`. Reads each file once, on first use; a failed read is
 * repeated on the next use.
 */
export function createShippedFiles(directory: string) {
  const kept = new Map<string, Awaited<ReturnType<typeof readShipped>>>();
  return async (name: string) => {
    const file = kept.get(name) ?? (await readShipped(join(directory, name)));
    kept.set(name, file);
    return file;
  };
}

async function readShipped(path: string) {
  const [content, gzipped] = await Promise.all([readFile(path), readFile(`${path}.gz`)]);
  const digest = createHash("sha256").update(content).digest("base64url").slice(0, 22);
  return { content, gzipped, digest };
}
