// Shows the description of the interface; what is tried out is sent with the page's own session.
(() => {
  "use strict";
  const place = document.getElementById("interface");
  const token = document.querySelector('meta[name="csrf-token"]').content;
  window.SwaggerUIBundle({
    url: place.dataset.address,
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (request.method && request.method !== "GET") request.headers["X-CSRFToken"] = token;
      return request;
    },
  });
})();
