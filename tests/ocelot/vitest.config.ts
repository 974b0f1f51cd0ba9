import { defineConfig } from "vitest/config";

// `npm run test:ocelot`: apart from `npm test`, for it takes the .NET SDK and a NuGet feed that has Ocelot.
export default defineConfig({ test: { include: ["tests/ocelot/**/*.test.ts"] } });
