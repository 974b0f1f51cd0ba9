import { startVitest } from "vitest/node";
import { buildApp } from "./build.ts";
import { repositoryRoot } from "./repository.ts";

// `npm run test:ocelot`: the sample gateway on the real Ocelot, between its callers and the built app.
await buildApp();
const vitest = await startVitest("test", [], {
  watch: false,
  root: repositoryRoot,
  config: "tests/ocelot/vitest.config.ts",
});
await vitest.close();
