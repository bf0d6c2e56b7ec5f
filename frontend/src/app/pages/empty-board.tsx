import { Link } from "react-router";
import { DropArea } from "@/features/uploads/components/drop-area";

/** The first thing a new owner sees: what this is for, and the place to begin. */
export function EmptyBoard() {
  return (
    <div className="empty-board">
      <h1>Your board is empty</h1>
      <p className="quiet">Add what you have read, written or saved. Each file is read, its concepts are found with the quotes that prove them, and it joins the others it belongs with.</p>
      <DropArea />
      <p>Or <Link to="/add?tab=text">write or paste a note</Link>.</p>
    </div>
  );
}
