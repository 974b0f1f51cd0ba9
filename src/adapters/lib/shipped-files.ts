import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A file that is shipped with the bundle. */
interface ShippedFile {
  readonly content: Uint8Array;
  /** The content compressed with gzip at build time. */
  readonly gzipped: Uint8Array;
  /** A hash of the content, for the `ETag`. */
  readonly digest: string;
}

/**
 * Creates a reader for the files of `directory`. Reads each file once, on first use; a failed read is
 * repeated on the next use.
 */
export function createShippedFiles(directory: string): (name: string) => Promise<ShippedFile> {
  const kept = new Map<string, ShippedFile>();
  return async (name) => {
    const file = kept.get(name) ?? (await readShipped(join(directory, name)));
    kept.set(name, file);
    return file;
  };
}

async function readShipped(path: string): Promise<ShippedFile> {
  const [content, gzipped] = await Promise.all([readFile(path), readFile(`${path}.gz`)]);
  const digest = createHash("sha256").update(content).digest("base64url").slice(0, 22);
  return { content, gzipped, digest };
}
