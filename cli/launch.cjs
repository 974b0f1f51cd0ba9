#!/usr/bin/env node
// The command of the package. It uses nothing that an old Node lacks, so that even there the error is one sentence.
const { node: version } = process.versions;
// Built beside this file.
/** @type {string} */
const program = "./lkps.mjs";
const [major, minor] = version.split(".").map(Number);
if (Number(major) > 20 || (major === 20 && Number(minor) >= 11)) {
  import(program);
} else {
  const message = `lkps needs Node 20.11 or newer; this is Node ${version}.`;
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ error: { code: "node_too_old", message } }, null, 2));
  } else {
    console.error(`✗ ${message}`);
  }
  process.exitCode = 2;
}
