import * as z from "zod";

const DispatchMetadata = z.object({
  session_id: z.guid(),
  /** The client application that LKPS allowed. */
  client_app_id: z.guid(),
  /** The client's `agent_metadata`. LKPS does not validate it, so validate it before you use it. */
  client_metadata: z.string().optional(),
});

/** What LKPS writes into the dispatch of every session. */
export type DispatchMetadata = z.infer<typeof DispatchMetadata>;

/**
 * Reads a job's metadata; null if it does not have the form that LKPS writes.
 *
 * It proves nothing else: whoever has the LiveKit secret can dispatch the agent with any metadata, so that secret is what
 * protects it.
 */
export function parseDispatchMetadata(metadata: string): DispatchMetadata | null {
  try {
    return DispatchMetadata.parse(JSON.parse(metadata));
  } catch {
    return null;
  }
}
