/* Inside a frame: asks the page around it for what the map needs, since a frame of its own origin may fetch nothing itself.
 *
 *   out  {geoservice: 1, type: "hello"} · {…, type: "ask", number, what, …values}
 *   in   {geoservice: 1, type: "here"} · {…, type: "answer", number, body} · {…, type: "answer", number, failed: true}
 *
 * Nothing is asked before the page said that it is there: it may be ready later than the frame. */
"use strict";

(() => {
  const asked = new Map();
  let here = false;
  let last = 0;

  const send = ({ message }) => GeoMap.tell(message);

  /* A promise of the answer. */
  GeoMap.ask = function (what, values = {}) {
    const number = last += 1;
    const question = { message: { type: "ask", number, what, ...values } };
    asked.set(number, question);
    const answer = new Promise((done, failed) => Object.assign(question, { done, failed }));
    if (here) send(question);
    return answer;
  };

  Object.assign(GeoMap.handlers, {
    here() {
      if (here) return;
      here = true;
      asked.forEach(send);
    },
    answer({ number, body, failed }) {
      const question = asked.get(number);
      if (!question) return;
      asked.delete(number);
      if (failed) question.failed(new Error(question.message.what));
      else question.done(body);
    },
  });

  GeoMap.tell({ type: "hello" });
})();
