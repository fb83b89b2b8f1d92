"""What is typed or asked: a file per dialog. None of them is imported before it is opened."""
