/** Draws the page of the API, `/api/docs`, with Swagger UI. */

const bundle = /** @type {any} */ (globalThis).SwaggerUIBundle;
bundle({
  url: "/api/openapi.json",
  dom_id: "#api-docs",
  deepLinking: true,
  validatorUrl: null, // no other host is asked
  tryItOutEnabled: true,
});
