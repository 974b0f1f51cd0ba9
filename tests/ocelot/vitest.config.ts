import { defineConfig } from "vitest/config";

// `npm run test:ocelot`: apart from `npm test`, for it takes the .NET SDK and a NuGet feed that has Ocelot.
// One file after the other: the first one compiles the gateway for all.
export default defineConfig({ test: { include: ["tests/ocelot/**/*.test.ts"], fileParallelism: false } });
