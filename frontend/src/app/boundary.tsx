import { Component, type ReactNode } from "react";
import { Button } from "@/components/ui/button";

/** The last net: a fault in the page says so and offers a fresh start; nothing on the server is touched by it. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="sign-in">
        <h1>The page stumbled</h1>
        <p>Your files and jobs are safe on the server. Open the page again to go on.</p>
        <Button look="primary" onClick={() => window.location.reload()}>Open again</Button>
      </main>
    );
  }
}
