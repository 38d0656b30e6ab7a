// `npm run openapi`: prints the OpenAPI document of the HTTP API.
import { openApiDocument } from "./openapi/document.ts";

process.stdout.write(`${JSON.stringify(openApiDocument(), null, 2)}\n`);
