// A server that gives prepared answers, for the tests of the client.
import { once } from 'node:events';
import { createServer } from 'node:http';

/** An answer in kycd's envelope. */
export function envelope(statusCode, status, { data, details, headers = {} } = {}) {
  return { statusCode, headers, body: JSON.stringify({ statusCode, success: statusCode < 300, status, message: `message of ${status}`, data, details }) };
}

/**
 * Starts a server that gives the answers in this order, and the last one again and again. An answer is {statusCode, headers,
 * body}, or a function of the response. Returns the requests that arrived, and the address.
 */
export async function scriptedServer(t, ...answers) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push({ method: request.method, url: request.url, headers: request.headers, body, at: performance.now() });
    if (typeof answer === 'function') answer(response);
    else response.writeHead(answer.statusCode, { 'x-request-id': 'req-1', ...answer.headers }).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { requests, baseUrl: `http://127.0.0.1:${server.address().port}` };
}
