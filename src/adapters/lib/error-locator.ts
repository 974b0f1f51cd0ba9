import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

const FRAME = /(?:^|[\s(])(file:\/\/[^\s()]+|\/[^\s():]+):(\d+):(\d+)\)?$/;

const MAX_FRAMES = 5;

/**
 * Locates where in the source an error was thrown, using the bundle's source map, which is read on first use.
 *
 * @returns the innermost frames of LKPS, five at most, for example `src/adapters/jwks.ts:7, from src/http/handler.ts:12`;
 *   first the library's line if a library threw the error. `undefined` if the stack does not say
 */
export function createErrorLocator(): (error: Error) => string | undefined {
  const maps = new Map<string, SourceMap | undefined>();

  const placeOf = (frame: string): string | undefined => {
    const [, address = "", line, column] = FRAME.exec(frame.trim()) ?? [];
    if (address === "") return undefined;
    const file = address.startsWith("file:") ? fileURLToPath(address) : address;
    if (!maps.has(file)) maps.set(file, readMap(file));
    const found = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (found !== undefined && "originalSource" in found) {
      return `${shortened(found.originalSource)}:${found.originalLine + 1}`;
    }
    return `${shortened(file)}:${line}`;
  };
  return ({ stack = "" }) => {
    try {
      // An error's message may look like a stack frame.
      const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
      const places = frames.flatMap((frame) => placeOf(frame) ?? []);
      const own = places.filter((place) => place.startsWith("src/")).slice(0, MAX_FRAMES);
      const thrown = places.slice(0, 1).filter((place) => !own.includes(place));
      return [...thrown, ...own].join(", from ") || undefined;
    } catch {
      // This runs while an error is reported and must not throw another one.
      return undefined;
    }
  };
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  } catch {
    return undefined;
  }
}

/** Drops the machine-specific part of the path. */
function shortened(path: string): string {
  return path.replace(/^.*?(?=(?:src|node_modules)\/)/, "");
}
