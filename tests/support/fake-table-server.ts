import { createHttpHeaders, type PipelineRequest, type PipelineResponse } from "@azure/core-rest-pipeline";

/** Table Storage in memory, for single entities: executes a request and answers it. */
export interface FakeTableServer {
  /** Carries the request out, at once and as a whole. */
  carryOut(request: PipelineRequest): PipelineResponse;
  /** Makes the table as if new, with no entity in it. */
  clear(table: string): void;
}

type Entity = Readonly<Record<string, unknown>>;

/** How Table Storage refuses. */
const REFUSALS = {
  TableAlreadyExists: 409,
  TableNotFound: 404,
  EntityAlreadyExists: 409,
  ResourceNotFound: 404,
  UpdateConditionNotSatisfied: 412,
} as const;

/** Starts with no table. */
export function fakeTableServer(): FakeTableServer {
  const tables = new Map<string, Map<string, Entity>>();
  let writes = 0;

  const stored = (entity: Entity): Entity => {
    writes++;
    const Timestamp = new Date(Date.UTC(2026, 10, 24) + writes).toISOString();
    return { ...entity, Timestamp, "odata.etag": `W/"datetime'${writes}'"` };
  };

  return {
    clear: (table) => void tables.set(table, new Map()),
    carryOut: (request) => {
      const answer = (status: number, body?: unknown, etag?: unknown): PipelineResponse => ({
        request,
        status,
        headers: createHttpHeaders({
          "content-type": "application/json;odata=minimalmetadata",
          ...(typeof etag === "string" && { etag }),
        }),
        bodyAsText: body === undefined ? "" : JSON.stringify(body),
      });
      const refuse = (code: keyof typeof REFUSALS) =>
        answer(REFUSALS[code], { "odata.error": { code, message: { lang: "en-US", value: code } } });

      const { name, keys } = addressOf(request.url);
      const body: Record<string, string> = typeof request.body === "string" ? JSON.parse(request.body) : {};
      if (name === "Tables") {
        const table = body["TableName"] ?? "";
        if (tables.has(table)) return refuse("TableAlreadyExists");
        tables.set(table, new Map());
        return answer(204);
      }
      const table = tables.get(name);
      if (table === undefined) return refuse("TableNotFound");
      const key = keys ?? `PartitionKey='${body["PartitionKey"]}',RowKey='${body["RowKey"]}'`;
      const there = table.get(key);
      const write = (entity: Entity) => {
        const written = stored(entity);
        table.set(key, written);
        return answer(204, undefined, written["odata.etag"]);
      };

      if (request.method === "POST") {
        return there === undefined ? write(body) : refuse("EntityAlreadyExists");
      }
      if (request.method === "GET") {
        return there === undefined ? refuse("ResourceNotFound") : answer(200, there, there["odata.etag"]);
      }
      const condition = request.headers.get("if-match");
      if (there === undefined && condition !== undefined) return refuse("ResourceNotFound");
      if (![undefined, "*", there?.["odata.etag"]].includes(condition)) {
        return refuse("UpdateConditionNotSatisfied");
      }
      if (request.method === "PUT") return write(body);
      if (request.method === "PATCH") return write({ ...there, ...body });
      table.delete(key);
      return answer(204);
    },
  };
}

/** `…/agents(PartitionKey='a',RowKey='b')?…` is the table `agents` and the keys. */
function addressOf(url: string): { name: string; keys: string | undefined } {
  const last = decodeURIComponent(new URL(url).pathname).split("/").at(-1) ?? "";
  const [, name = "", keys] = /^(\w+)(?:\((.*)\))?$/.exec(last) ?? [];
  return { name, keys };
}
