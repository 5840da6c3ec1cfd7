// Shows the description of the OGC API and lets it be tried. Nothing is asked of any other server.
(() => {
  const place = document.getElementById("api-description");
  if (!place || !window.SwaggerUIBundle) return;
  window.SwaggerUIBundle({
    url: place.dataset.description,
    domNode: place,
    validatorUrl: null,
    deepLinking: false,
    docExpansion: "list",
    withCredentials: true,
  });
})();
