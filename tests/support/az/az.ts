// A stand-in for `az ad app show` and `az ad app update`, on the directory file that AZ_DIRECTORY names.
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
  },
});
const file = process.env["AZ_DIRECTORY"] ?? "";
const directory: { value: { appId: string; api: Api }[] } = JSON.parse(readFileSync(file, "utf8"));
const application = directory.value.find(({ appId }) => appId === values.id);
if (application === undefined) throw new Error(`Resource '${values.id}' does not exist`);

const command = positionals.join(" ");
if (command === "ad app show" && values.query !== undefined) {
  console.log(JSON.stringify(query(values.query, application)));
} else if (command === "ad app update" && values.set === "api=@-") {
  // Graph takes the lists that it is sent as they are, and leaves the others.
  Object.assign(application.api, JSON.parse(readFileSync(0, "utf8")));
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
