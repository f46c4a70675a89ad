"""Recipes: named settings of a model and its training, as plain values.

Nothing is computed here but the merging of settings; models take a recipe by
`from_recipe`.
"""

from keras_mocogan.recipes.known import get, names
from keras_mocogan.recipes.recipe import Recipe
