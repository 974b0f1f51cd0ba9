import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

const FRAME = /(?:^|[\s(])(file:\/\/[^\s()]+|\/[^\s():]+):(\d+):(\d+)\)?$/;

/**
 * Tells where in the source an error was thrown: the bundle's places by the source map beside it, which is read when
 * the first error asks for it. Of an error that a library threw, also the place in LKPS that led there.
 *
 * @returns such as `src/http/handler.ts:12`; `undefined` if the error's stack says nothing
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
      // What an error says may look like a place, too.
      const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
      const places = frames.flatMap((frame) => placeOf(frame) ?? []);
      const [thrown] = places;
      const own = places.find((place) => place.startsWith("src/"));
      return own === undefined || own === thrown ? thrown : `${thrown}, from ${own}`;
    } catch {
      // It runs where an error is being reported: it must not be another one.
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

/** Without what lies before the project's own folders: a path of the machine tells nobody anything. */
function shortened(path: string): string {
  return path.replace(/^.*?(?=(?:src|node_modules)\/)/, "");
}
