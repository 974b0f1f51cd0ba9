import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A file that is shipped beside the bundle. */
interface ShippedFile {
  readonly content: Uint8Array;
  /** The same, compressed by gzip when the app was built. */
  readonly gzipped: Uint8Array;
  /** Changes with the content. */
  readonly digest: string;
}

/** Reads files of `directory`, each once, when it is first asked for. What failed is read again. */
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
