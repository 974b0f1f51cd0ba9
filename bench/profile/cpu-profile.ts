import { readFileSync } from "node:fs";
import type { Profiler } from "node:inspector";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** Processor time by package and by function, in milliseconds, largest first. */
export interface ProcessorTimes {
  readonly packages: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, number>;
}

/** The profiler's sampling interval. */
export const INTERVAL_MICROSECONDS = 200;

/** Sums up the self time of each package and each function in a profile. */
export function processorTimes({ nodes, samples = [] }: Profiler.Profile): ProcessorTimes {
  const places = new Map(nodes.map((node) => [node.id, placeOf(node.callFrame)]));
  const packages = new Map<string, number>();
  const functions = new Map<string, number>();
  // Counts samples instead of the time between them, which includes the time of other processes.
  const ms = INTERVAL_MICROSECONDS / 1_000;
  for (const id of samples) {
    const place = places.get(id);
    if (place === undefined || place.package === "(idle)") continue;
    packages.set(place.package, (packages.get(place.package) ?? 0) + ms);
    functions.set(place.function, (functions.get(place.function) ?? 0) + ms);
  }
  return { packages: mostFirst(packages), functions: mostFirst(functions) };
}

function placeOf({
  functionName,
  url,
  lineNumber,
  columnNumber,
}: Profiler.Profile["nodes"][number]["callFrame"]) {
  if (url === "") {
    const isGroup = functionName.startsWith("(");
    return { package: isGroup ? functionName : "native code", function: functionName };
  }
  if (url.startsWith("node:")) return { package: "Node", function: `${functionName} (${url})` };
  const entry = mapOf(url)?.findEntry(lineNumber, columnNumber);
  const isMapped = entry !== undefined && "originalSource" in entry;
  const file = isMapped ? entry.originalSource : url;
  const [, name] = /^.*(?:node_modules|webpack:\/)\/((?:@[^/]+\/)?[^/]+)/.exec(`${url} ${file}`) ?? [];
  const source = file.replace(/^.*?(?=(?:node_modules|src|dev|bench|dist)\/)/, "");
  const line = (isMapped ? entry.originalLine : lineNumber) + 1;
  const area = source.startsWith("dist/") ? "top level of bundled files" : OWN.exec(source)?.[0];
  return {
    package: name ?? area ?? source,
    function: `${functionName || "(top level)"} (${source}:${line})`,
  };
}

const OWN = /^(?:src|dev|bench)(?=\/)/;
const maps = new Map<string, SourceMap | undefined>();

function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) {
    try {
      maps.set(url, new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, "utf8"))));
    } catch {
      maps.set(url, undefined);
    }
  }
  return maps.get(url);
}

function mostFirst(times: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...times].sort(([, a], [, b]) => b - a));
}
