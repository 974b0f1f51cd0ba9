import { readFileSync } from "node:fs";
import type { Profiler } from "node:inspector";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** The processor time in a profile, in milliseconds, the most first. */
export interface ProcessorTimes {
  readonly packages: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, number>;
}

/** How often the profiler looks which function is running. */
export const INTERVAL_MICROSECONDS = 200;

/** Sums up the time that each package and each function spent itself, without the functions that it called. */
export function processorTimes({ nodes, samples = [] }: Profiler.Profile): ProcessorTimes {
  const places = new Map(nodes.map((node) => [node.id, placeOf(node.callFrame)]));
  const packages = new Map<string, number>();
  const functions = new Map<string, number>();
  // Not the times between samples: while another process has the processor, there are none.
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
  // Neither is there for the top level of a bundled file: its modules can't be told apart.
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
