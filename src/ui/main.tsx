// The page's entry: renders the application into the one document.
import { render } from "preact";

function App() {
  return (
    <main>
      <h1>Logpush backfill</h1>
    </main>
  );
}

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element with the id app");
render(<App />, root);
