"use strict";

const { createElement, useEffect, useState } = React;
const { useEditorContext, useSchemaContext } = GraphiQL.React;

const examples = JSON.parse(document.getElementById("tabs").textContent);
const placeholder = JSON.stringify({ Authorization: "Bearer sk_…" }, null, 2);
const keyless = "No API key yet. Enter yours under Headers, below the query, as Authorization: Bearer sk_…";

/** The headers without what is still the placeholder; fetch() would refuse its ellipsis. */
const filledIn = (headers) => Object.entries(headers ?? {}).filter(([, value]) => !String(value).includes("…"));
const credentials = (headers) => filledIn(headers).filter(([name]) => /^(authorization|x-api-key)$/i.test(name));

/** The key that was used last, for the tabs that have none. It lives as long as the page and is stored nowhere. */
let remembered = [];

/** The operation, without the name that GraphiQL 2 still holds from the tab before. */
function named({ operationName, ...operation }) {
  const names = [...operation.query.matchAll(/\b(?:query|mutation)\s+(\w+)/g)].map(([, name]) => name);
  return names.includes(operationName) ? { ...operation, operationName } : operation;
}

async function fetcher(operation, { headers } = {}) {
  const given = credentials(headers);
  if (given.length) remembered = given;
  if (!remembered.length) return { errors: [{ message: keyless }] };

  const response = await fetch(location.pathname, {
    method: "POST",
    headers: [
      ["Accept", "application/json"],
      ["Content-Type", "application/json"],
      ...(given.length ? [] : remembered),
      ...filledIn(headers),
    ],
    body: JSON.stringify(named(operation)),
  });
  const body = await response.text();
  try {
    return JSON.parse(body);
  } catch {
    return { errors: [{ message: `The server answered ${response.status} and no JSON.` }] };
  }
}

/** The product's name, which also fetches the schema once a key is there: nobody has to find the button for it. */
function Brand() {
  const { tabs, activeTabIndex, responseEditor } = useEditorContext();
  const { schema, introspect } = useSchemaContext();
  const { headers } = tabs[activeTabIndex];
  useEffect(() => {
    if (schema || !credentials(parsed(headers)).length) return undefined;
    const soon = setTimeout(introspect); // GraphiQL takes up the edited headers right after this effect
    return () => clearTimeout(soon);
  }, [headers, schema]);
  useEffect(() => {
    if (schema && responseEditor?.getValue().includes(keyless)) responseEditor.setValue("");
  }, [schema]);
  return "Billfolk";
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return {}; // the user is still typing
  }
}

/** The explorer, which by itself knows nothing of tabs, at once on whatever the query editor holds. */
function Explorer() {
  const { queryEditor } = useEditorContext();
  const [query, setQuery] = useState("");
  useEffect(() => {
    if (!queryEditor) return undefined;
    const follow = () => setQuery(queryEditor.getValue());
    follow();
    queryEditor.on("change", follow);
    return () => queryEditor.off("change", follow);
  }, [queryEditor]);
  const onEdit = (edited) => queryEditor.setValue(edited);
  return createElement(GraphiQLPluginExplorer.useExplorerPlugin({ query, onEdit }).content);
}

function Page() {
  const { icon } = GraphiQLPluginExplorer.useExplorerPlugin({});
  const [explorer] = useState({ title: "Explorer", icon, content: Explorer });
  return createElement(
    GraphiQL,
    {
      fetcher,
      defaultTabs: examples.map((example) => ({ ...example, headers: placeholder })),
      defaultHeaders: placeholder,
      defaultEditorToolsVisibility: "headers",
      plugins: [explorer],
    },
    createElement(GraphiQL.Logo, null, createElement(Brand)),
  );
}

// GraphiQL 2 opens the first of its default tabs without the variables, unless it finds them here.
if (!localStorage.getItem("graphiql:tabState")) localStorage.setItem("graphiql:variables", examples[0].variables);
ReactDOM.render(createElement(Page), document.getElementById("graphiql"));
