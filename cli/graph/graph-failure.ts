import { type GraphRead, readGraph } from "../../src/adapters/graph/graph-read.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { unlimited } from "../../src/domain/graph-allowance.ts";
import { CouldNotTell } from "../outcome.ts";
import { waiting } from "../progress.ts";
import type { OwnGraph } from "./open-graph.ts";

/** A person waits longer than a service may, and sees that it takes long. */
const GRAPH_MS = 8_000;

/**
 * Runs work with Graph, in the time and with the retries of the service's own adapter.
 *
 * @throws CouldNotTell that says what to do
 */
export async function askingGraph<T>(
  graph: OwnGraph,
  what: string,
  work: (read: GraphRead) => Promise<T>,
): Promise<T> {
  try {
    const limits = { deadline: performance.now() + GRAPH_MS, allowance: unlimited };
    return await waiting(what, () => readGraph(limits, { attempts: 0 }, work));
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error;
    throw new CouldNotTell(error.code, adviceFor(error, graph), error);
  }
}

function adviceFor(error: DependencyError, { url, signedInAs, tenantId }: OwnGraph): string {
  const who = signedInAs ?? "The sign-in on this machine";
  if (error.code === "directory_access_denied") {
    return (
      `${who} may not read app registrations${tenantId === null ? "" : ` of tenant ${tenantId}`}. ` +
      "Members of a tenant may; guests need the role Directory Readers, and applications the permission " +
      "Application.Read.All. Is it the right tenant? Another one: --tenant <id>."
    );
  }
  return `Microsoft Graph gave no usable answer at ${url} (${causeOf(error)}). Check the network and try again.`;
}

/** The innermost cause, which says what broke: a refused connection, a status, a shape. */
function causeOf(error: Error): string {
  let innermost: Error = error;
  while (innermost.cause instanceof Error) innermost = innermost.cause;
  const { code } = innermost as NodeJS.ErrnoException;
  return (innermost.message || code || error.message).slice(0, 200);
}
