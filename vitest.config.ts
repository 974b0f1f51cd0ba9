import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // A gateway of .NET, which not every machine can build: `npm run test:ocelot`.
    exclude: ["tests/ocelot/**"],
  },
});
