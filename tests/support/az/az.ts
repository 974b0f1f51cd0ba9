// A stand-in for `az ad app show`, `az ad app update`, and `az rest` on an application, on the directory file that AZ_DIRECTORY names.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { query } from "./query.ts";

interface Api {
  oauth2PermissionScopes: { id: string }[];
  preAuthorizedApplications: { appId: string; delegatedPermissionIds: string[] }[];
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    id: { type: "string" },
    query: { type: "string" },
    output: { type: "string", short: "o" },
    set: { type: "string" },
    uri: { type: "string" },
    method: { type: "string" },
    headers: { type: "string" },
    body: { type: "string" },
  },
});
const file = process.env["AZ_DIRECTORY"] ?? "";
const directory: { value: { appId: string; api: Api }[] } = JSON.parse(readFileSync(file, "utf8"));
const id = values.id ?? /\/v1\.0\/applications\(appId='([^']+)'\)$/.exec(values.uri ?? "")?.[1];
const application = directory.value.find(({ appId }) => appId === id);
if (application === undefined) throw new Error(`Resource '${id}' does not exist`);

const command = positionals.join(" ");
const isRead = command === "ad app show" || (command === "rest" && values.method === undefined);
const isPatch = command === "rest" && values.method === "PATCH" && values.body === "@-";
if (isRead && values.query !== undefined) {
  console.log(JSON.stringify(query(values.query, application)));
} else if (isPatch || (command === "ad app update" && values.set === "api=@-")) {
  const sent = JSON.parse(readFileSync(0, "utf8"));
  // Graph takes the lists that it is sent as they are, and leaves the others.
  Object.assign(application.api, isPatch ? sent.api : sent);
  refuseAsGraph(application.api);
  writeFileSync(file, JSON.stringify(directory));
} else throw new Error(`unexpected: az ${process.argv.slice(2).join(" ")}`);

/** What Graph rejects: a repeated id, and an entry with a scope that does not exist. */
function refuseAsGraph({ oauth2PermissionScopes, preAuthorizedApplications }: Api): void {
  const scopeIds = oauth2PermissionScopes.map(({ id }) => id);
  const clients = preAuthorizedApplications.map(({ appId }) => appId);
  for (const ids of [scopeIds, clients]) {
    if (new Set(ids).size < ids.length) throw new Error("Request contains a property with duplicate values.");
  }
  const held = preAuthorizedApplications.flatMap(({ delegatedPermissionIds }) => delegatedPermissionIds);
  const unknown = held.filter((id) => !scopeIds.includes(id));
  if (unknown.length > 0) throw new Error(`Permission ${unknown} cannot be found on the app definition.`);
}
