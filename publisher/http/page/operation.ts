import { html } from 'hono/html';
import type {
  Content,
  OpenApiDocument,
  OperationObject,
  ResponseObject,
} from '../../../contracts/documents/openapi.ts';
import { type Html, inline, jsonBlock, prose } from './prose.ts';
import { field, fields, typeWords } from './schema.ts';

/** An operation with its method and path. */
export type Placed = { method: string; path: string; operation: OperationObject };

/** Renders everything that the document says about one operation. */
export function operationSection(document: OpenApiDocument, { method, path, operation }: Placed): Html {
  const { operationId, summary, description, security, parameters = [], requestBody, responses } = operation;
  const token = security.flatMap(Object.keys)[0];
  return html`<article id="${operationId}">
    <h3>${summary}</h3>
    <div class="route"><span class="method ${method}">${method}</span><code>${path}</code></div>
    <p class="faint">${token === undefined ? 'No token.' : html`Bearer token of <b>${token}</b>.`}</p>
    ${description === undefined ? '' : prose(description)}
    ${parameters.length > 0 ? html`<h4>Parameters</h4><ul class="fields">${parameters.map(parameterItem)}</ul>` : ''}
    ${requestBody === undefined ? '' : html`<h4>Body</h4>${contentOf(document, requestBody.content)}`}
    <h4>Answers</h4>
    ${Object.entries(responses).map(([status, answer]) => answerDetails(document, status, resolve(document, answer)))}
  </article>`;
}

function parameterItem({ name, in: place, required, description, schema, example }: Parameter): Html {
  const words = example === undefined ? description : `${description} Example: \`${example}\``;
  return field(
    place === 'header' ? `${name}:` : place === 'query' ? `?${name}=` : `{${name}}`,
    schema,
    required,
    words,
  );
}
type Parameter = NonNullable<OperationObject['parameters']>[number];

function answerDetails(document: OpenApiDocument, status: string, answer: ResponseObject): Html {
  const { description, headers = {}, content = {} } = answer;
  const names = Object.keys(headers);
  const line = html`<span class="status">${status}</span> ${inline(description)}`;
  if (names.length === 0 && Object.keys(content).length === 0)
    return html`<details><summary>${line}</summary></details>`;
  return html`<details>
    <summary>${line}</summary>
    ${names.length > 0 ? html`<p>Headers: ${names.map((name) => html`<code>${name}</code> `)}</p>` : ''}
    ${contentOf(document, content)}
  </details>`;
}

function contentOf(document: OpenApiDocument, content: Content): Html {
  return html`${Object.entries(content).map(([media, { schema, example, examples = {} }]) => {
    const named = Object.keys(examples).map((name) => document.components.examples?.[name]?.value);
    const isProblem = named.length > 0;
    return html`<p><code>${media}</code> ${isProblem ? html`<a href="#schema-Problem">Problem</a>` : typeWords(schema)}</p>
      ${isProblem ? '' : fields(schema)}
      ${[...(example === undefined ? [] : [example]), ...named].map(jsonBlock)}`;
  })}`;
}

function resolve(document: OpenApiDocument, answer: ResponseObject | { $ref: string }): ResponseObject {
  if (!('$ref' in answer)) return answer;
  const name = answer.$ref.split('/').at(-1) ?? '';
  return document.components.responses[name] ?? { description: '' };
}
